"""Invoice rows → the objects of the published contract."""

import json
from typing import Any

from ..clock import timestamp
from .call import without_none


def day(chorus, iso_date):
    """A date without time, as the setting plain_dates says."""
    if not iso_date or chorus.settings["plain_dates"]:
        return iso_date or None
    return f"{iso_date}T00:00:00.000+01:00"


def deposit_day(chorus, row):
    stamp = timestamp(row["deposited_at"])
    return stamp[:10] if chorus.settings["plain_dates"] else stamp


class View:
    """One invoice with its two structures, for the many forms in which it is told."""

    seller: dict[str, Any]
    buyer: dict[str, Any]

    def __init__(self, chorus, row, structures=None):
        known = structures if structures is not None else {}
        self.chorus, self.row = chorus, row
        for side in ("seller", "buyer"):
            identifier = row[side]
            if identifier not in known:
                known[identifier] = chorus.directory.get(identifier) or {
                    "id": None,
                    "identifier": identifier,
                    "name": "",
                    "type": "SIRET",
                    "services": [],
                    "banks": [],
                    "address": {},
                    "state": False,
                    "reports_payment": True,
                    "vat": "",
                }
            setattr(self, side, known[identifier])

    @property
    def service(self):
        return next((item for item in self.buyer["services"] if item["id"] == self.row["service_id"]), None)

    @property
    def bank(self):
        return next((item for item in self.seller["banks"] if item["id"] == self.row["bank_id"]), None)

    @property
    def facts(self):
        return json.loads(self.row["facts"])

    def common(self):
        """Fields that every list of invoices names alike."""
        row, service = self.row, self.service
        return {
            "typeDemandePaiement": "FACTURE",
            "typeIdentifiantFournisseur": self.seller["type"],
            "designationFournisseur": self.seller["name"],
            "designationDestinataire": self.buyer["name"],
            "idDestinataire": self.buyer["id"],
            "idServiceExecutant": row["service_id"],
            "codeServiceExecutant": row["service_code"],
            "nomServiceExecutant": service and service["name"],
            "typeFacture": row["kind"],
            "numeroFacture": row["number"],
            "dateFacture": day(self.chorus, row["issue_date"]),
            "dateDepot": deposit_day(self.chorus, row),
            "montantHT": row["net"],
            "montantTTC": row["gross"],
            "montantAPayer": row["payable"],
            "devise": row["currency"],
            "statut": row["status"],
            "numeroMarche": row["contract"],
        }

    def for_supplier(self):
        """RetourRechercherFactureParFournisseur."""
        row, bank = self.row, self.bank
        settings = self.chorus.settings
        comment = row["comment"] if settings["comments_in_search"] else None
        since = timestamp(row["status_at"]) if settings["status_dates_in_search"] else None
        return without_none(
            {
                **self.common(),
                "identifiantFactureCPP": row["id"],
                "codeFournisseur": row["seller"],
                "codeDestinataire": row["buyer"],
                "numeroBonCommande": row["purchase_order"],
                "numeroFluxDepot": row["flow_number"],
                "numeroFactureOrigine": row["original"],
                "modeDepot": row["mode"],
                "coordBancairesFournisseurNomCb": bank and bank["name"],
                "coordBancairesFournisseurCompteBancaire": bank and bank["iban"],
                "nomPrenomUtilisateurCreateur": row["creator"],
                "dateHeureEtatCourant": since,
                "commentaireEtatCourant": comment,
                "rejetTraite": bool(row["rejection_handled"]),
            }
        )

    def to_treat_by_supplier(self):
        """FactureRechercherATraiterFournisseur."""
        return without_none(
            {
                **self.common(),
                "identifiantFactureCPP": self.row["id"],
                "codeFournisseur": self.row["seller"],
                "codeDestinataire": self.row["buyer"],
                "numeroBonCommande": self.row["purchase_order"],
            }
        )

    def for_recipient(self):
        """FactureRechercheRecipiendaire."""
        row = self.row
        return without_none(
            {
                **self.common(),
                "idFacture": row["id"],
                "codeFournisseur": row["seller"],
                "codeDestinataire": row["buyer"],
                "numeroBonCommande": row["purchase_order"],
                "factureTelechargeeParDestinataire": bool(row["downloaded"]),
                "dateHeureEtatCourant": timestamp(row["status_at"]),
                "commentaireEtatCourant": row["comment"],
            }
        )

    def for_validator(self):
        """FactureRechercheValideur, whose amounts the contract declares as integers."""
        row = self.row
        amounts = {
            name: round(row[column])
            for name, column in (("montantHT", "net"), ("montantTTC", "gross"), ("montantAPayer", "payable"))
        }
        return without_none(
            {
                **self.common(),
                **amounts,
                "idFacture": row["id"],
                "idFournisseur": self.seller["id"],
                "identifiantFournisseur": row["seller"],
                "identifiantDestinataire": row["buyer"],
                "idValideur": row["validator_id"],
                "numeroEngagement": row["purchase_order"],
            }
        )

    def payment_request(self):
        """RechercherDemandePaiementOutputListeDemandePaiement."""
        row, service = self.row, self.service
        return without_none(
            {
                "idDemandePaiement": row["id"],
                "numeroDemandePaiement": row["number"],
                "typeDemandePaiement": "FACTURE",
                "typeFacture": row["kind"],
                "cadreFacturation": row["cadre"],
                "etatCourant": row["status"],
                "dateHeureEtatCourant": timestamp(row["status_at"]),
                "dateFournisseur": day(self.chorus, row["issue_date"]),
                "dateDepot": deposit_day(self.chorus, row),
                "montantHT": row["net"],
                "montantTTC": row["gross"],
                "montantAPayer": row["payable"],
                "numeroMarche": row["contract"],
                "numeroBonCommande": row["purchase_order"],
                "numeroFactureOrigine": row["original"],
                "idStructureFournisseur": self.seller["id"],
                "idStructureDestinataire": self.buyer["id"],
                "idServiceDestinataire": row["service_id"],
                "dpOuDpArchive": "DEMANDE_PAIEMENT",
                "commentaireEtatCourant": row["comment"],
                "codeServiceDestinataire": row["service_code"],
                "nomServiceDestinataire": service and service["name"],
                "identifiantStructureFournisseur": row["seller"],
                "identifiantStructureDestinataire": row["buyer"],
            }
        )

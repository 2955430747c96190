"""The directory: public structures, their services and duties, and one's own structures."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from . import errors, routes
from .operations import Operations, Page
from .readers import Json, amount, day, flag, identifier, moment, registration, section, text, word
from .routes import Route

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class StructureSummary:
    """One line of a structure search. ``status`` is ``ACTIVE`` or ``INACTIVE``."""

    id: int | None
    identifier: str  # SIRET when identifier_type says so
    identifier_type: str
    name: str
    status: str

    @property
    def active(self) -> bool:
        return self.status != "INACTIVE"


class StructurePage(Page[StructureSummary]):
    """A :class:`paging.Page` of :class:`StructureSummary`."""


@dataclass(frozen=True, slots=True)
class StructureDetail:
    """What a structure is and requires of its suppliers' invoices. A duty is False when not told.

    Read the duties in this order (practice of existing clients): ``needs_service_or_engagement`` first; else
    each of the other two for itself.
    """

    id: int | None
    identifier: str
    name: str
    email: str
    vat_number: str
    needs_service: bool
    needs_engagement: bool
    needs_service_or_engagement: bool
    payment_not_reported: bool  # MISE_EN_PAIEMENT will never be seen
    works_owner_only: bool  # "MOA uniquement": takes no plain invoices
    private: bool  # a supplier: no invoices are addressed to it
    public: bool  # said to be a public structure; when neither is said, both are False
    technical_password_expires_on: date | None  # one's own structure only


@dataclass(frozen=True, slots=True)
class Service:
    """One service of a structure, as listed."""

    id: int | None
    code: str
    name: str
    active: bool
    valid_from: datetime | None
    valid_until: datetime | None


@dataclass(frozen=True, slots=True)
class ServiceDetail:
    """One service with its duties."""

    id: int
    code: str
    name: str
    description: str
    needs_engagement: bool
    reports_payment: bool | None
    valid_from: datetime | None
    valid_until: datetime | None


@dataclass(frozen=True, slots=True)
class Affiliation:
    """One structure the technical account belongs to ("rattachement")."""

    structure_id: int | None
    identifier: str
    identifier_type: str
    name: str
    status: str
    role: str


@dataclass(frozen=True, slots=True)
class BankAccount:
    id: int | None
    name: str


@dataclass(frozen=True, slots=True)
class Engagement:
    """One legal engagement of the State. ``total`` includes tax."""

    id: int | None
    number: str
    kind: str
    structure: str
    service: str
    state: str
    total: Decimal | None


class EngagementPage(Page[Engagement]):
    """A :class:`paging.Page` of :class:`Engagement`."""


class StructureOperations(Operations):
    """Mixed into :class:`client.ChorusClient`, which can call."""

    def search_structures(
        self,
        siret: str | None = None,
        *,
        identifier_type: str = "SIRET",
        name: str | None = None,
        public_only: bool = False,
        page: int = 1,
        page_size: int | None = None,
    ) -> StructurePage:
        """Structures by identifier or by part of the name.

        :rtype: StructurePage
        """
        criteria: Json = {}
        if siret:
            criteria.update(identifiantStructure=siret, typeIdentifiantStructure=identifier_type)
        if name:
            criteria["raisonSocialeStructure"] = name
        if public_only:
            criteria["typeStructure"] = "PUBLIQUE"
        found = self._list(
            routes.SEARCH_STRUCTURES,
            {
                "parametres": _paging(page, page_size or self.settings.page_size),
                "restreindreStructuresPrivees": False,
                "structure": criteria,
            },
            "listeStructures",
            _structure_summary,
            page,
        )
        return StructurePage(found.items, found.page, found.pages, found.total)

    def structure(self, structure_id: int, *, duties_needed: bool = True) -> StructureDetail:
        """One structure with its duties.

        :param int structure_id: ``StructureSummary.id``
        :param bool duties_needed: False when only the rest is of interest: one's own structure
        :rtype: StructureDetail
        :raises errors.BadAnswer: ``missing_field``; without its parameters a structure would look as if it
            required nothing
        """
        answer = self.call(routes.STRUCTURE, {"idStructureCPP": structure_id, "codeLangue": "fr"})
        general = section(answer.get("informationGenerales") or answer.get("informationsGenerales"))
        duties = section(answer.get("parametres"))
        self._required(duties or not duties_needed, "parametres")
        return StructureDetail(
            id=identifier(general.get("idStructureCPP")) or structure_id,
            identifier=registration(
                general.get("identifiantStructure"), general.get("typeIdentifiantStructure")
            ),
            name=word(general.get("raisonSocialeStructure") or general.get("libelleStructure")),
            email=word(general.get("emailStructure")),
            vat_number=word(general.get("numeroTVA")),
            needs_service=bool(flag(duties.get("codeServiceDoitEtreRenseigne"))),
            needs_engagement=bool(flag(duties.get("numeroEJDoitEtreRenseigne"))),
            needs_service_or_engagement=bool(flag(duties.get("gestionNumeroEJOuCodeService"))),
            payment_not_reported=bool(flag(duties.get("statutMiseEnPaiementNestPasRemonte"))),
            works_owner_only=bool(flag(duties.get("estMoaUniquement"))),
            private=word(general.get("structurePriveePublique")).upper() == "PRIVEE",
            public=word(general.get("structurePriveePublique")).upper() == "PUBLIQUE",
            technical_password_expires_on=day(general.get("dateExpirationMotPasseCompteTech")),
        )

    def services(self, structure_id: int) -> Iterator[Service]:
        """All services of a structure, all pages, as an iterator of :class:`Service`."""
        return self._walk(
            lambda page: self._list(
                routes.SERVICES,
                {
                    "idStructure": structure_id,
                    "parametresRechercherServicesStructure": _paging(page, self.settings.page_size),
                },
                "listeServices",
                _service,
                page,
            ),
            lambda service: service.id or service,
        )

    def service(self, structure_id: int, service_id: int) -> ServiceDetail:
        """One service with its duties.

        :rtype: ServiceDetail
        """
        answer = self.call(routes.SERVICE, {"idStructure": structure_id, "idService": service_id})
        general = section(answer.get("informationsGenerales") or answer.get("informationGenerales"))
        duties = self._required(section(answer.get("parametres")), "parametres")
        return ServiceDetail(
            id=service_id,
            code=word(general.get("codeService")),
            name=word(general.get("nomService")),
            description=text(general.get("descriptionService")),
            needs_engagement=bool(flag(duties.get("numeroEngagement"))),
            reports_payment=flag(duties.get("miseEnPaiement")),
            valid_from=moment(duties.get("dateDebutValidite")),
            valid_until=moment(duties.get("dateFinValidite")),
        )

    def recipients_file(self) -> bytes:
        """The archive that lists all public recipients, for :func:`recipients.read_recipients`.

        :raises errors.BadAnswer: ``missing_field``, ``answer_too_large``
        """
        return self._file(self.call(routes.RECIPIENTS_FILE, {}))

    def my_structures(self) -> Iterator[Affiliation]:
        """The structures of the technical account, as an iterator of :class:`Affiliation`.

        Without side effect and through token and account alike: the test of a connection.
        """
        return self._walk(
            lambda page: self._list(
                routes.MY_STRUCTURES,
                {
                    "parametresRecherche": {
                        **_paging(page, self.settings.page_size),
                        "triColonne": "IdStructure",
                        "triSens": "Ascendant",
                    },
                },
                "listeStructureRattachement",
                _affiliation,
                page,
            ),
            lambda affiliation: affiliation.structure_id or affiliation,
        )

    def bank_accounts(self, structure_id: int) -> tuple[BankAccount, ...]:
        """The valid bank accounts of one's own structure, as a tuple of :class:`BankAccount`."""
        return self._list(
            routes.BANK_ACCOUNTS,
            {"idStructure": structure_id},
            "listeCoordonneeBancaire",
            _bank_account,
            1,
            counted=False,
        ).items

    def active_supplier_structures(self) -> tuple[StructureSummary, ...]:
        """One's own structures that may send invoices, as a tuple of :class:`StructureSummary`."""
        return self._list(
            routes.ACTIVE_SUPPLIER_STRUCTURES, {}, "listeStructures", _structure_summary, 1, counted=False
        ).items

    def search_engagements(
        self,
        supplier_structure_id: int,
        number: str | None = None,
        *,
        state: str | None = "COMMANDE",
        page: int = 1,
        page_size: int | None = None,
    ) -> EngagementPage:
        """Legal engagements of the State's services towards a supplier (State only, SIRET 11000201100044).

        :param int supplier_structure_id: the supplier's ``idStructureCPP``
        :param str number: engagement number
        :param str state: only those in this state; None: in any
        :rtype: EngagementPage
        """
        payload = {
            "structureReceptriceEngagementJuridique": str(supplier_structure_id),
            "parametresRecherche": _paging(page, page_size or self.settings.page_size),
        }
        if state:
            payload["etatCourantEngagementJuridique"] = state
        if number:
            payload["numeroEngagementJuridique"] = number
        found = self._list(routes.SEARCH_ENGAGEMENTS, payload, "listeEngagementJuridique", _engagement, page)
        return EngagementPage(found.items, found.page, found.pages, found.total)

    def _list(
        self,
        route: Route,
        payload: Json,
        key: str,
        reader: Callable[[Json], Item],
        page: int,
        counted: bool = True,
    ) -> Page[Item]:
        try:
            return self._page(self.call(route, payload), key, reader, page, counted)
        except errors.NothingFound:
            return Page((), page, None, 0 if page == 1 else None)


def _paging(page: int, page_size: int) -> Json:
    # No sort column where its name is not published: an unknown one may be refused.
    return {"pageResultatDemandee": page, "nbResultatsParPage": page_size}


def _structure_summary(row: Json) -> StructureSummary:
    return StructureSummary(
        id=identifier(row.get("idStructureCPP")),
        identifier=registration(
            row.get("identifiantStructure") or row.get("identifiant"), row.get("typeIdentifiantStructure")
        ),
        identifier_type=word(row.get("typeIdentifiantStructure")),
        name=word(row.get("designationStructure")),
        status="INACTIVE" if _closed(row.get("statut")) else word(row.get("statut")).upper(),
    )


def _closed(status: object) -> bool:
    """Whether a status says that a structure or service is not active: ``INACTIVE`` is documented for
    structures, nothing for services, so each gender of the word counts, in any case."""
    return word(status).upper().startswith("INACTI")


def _service(row: Json) -> Service:
    active = flag(row.get("estActif"))
    return Service(
        id=identifier(row.get("idService")),
        code=word(row.get("codeService")),
        name=word(row.get("libelleService")),
        active=active if active is not None else not _closed(row.get("statutService")),
        valid_from=moment(row.get("dateDbtService")),
        valid_until=moment(row.get("dateFinService")),
    )


def _affiliation(row: Json) -> Affiliation:
    return Affiliation(
        structure_id=identifier(row.get("idStructure")),
        identifier=registration(row.get("identifiantStructure"), row.get("typeIdentifiantStructure")),
        identifier_type=word(row.get("typeIdentifiantStructure")),
        name=word(row.get("designationStructure")),
        status=word(row.get("statutRattachementStructure")),
        role=word(row.get("roleUtilisateur")),
    )


def _bank_account(row: Json) -> BankAccount:
    return BankAccount(identifier(row.get("idCoordonneeBancaire")), word(row.get("nomCoordonneeBancaire")))


def _engagement(row: Json) -> Engagement:
    return Engagement(
        id=identifier(row.get("idEngagementJuridique")),
        number=word(row.get("numeroEngagementJuridique")),
        kind=word(row.get("libelleTypeEngagementJuridique")),
        structure=word(row.get("structureReceptrice")),
        service=word(row.get("codeServiceExecutant")),
        state=word(row.get("libelleEtatCourantEJ")),
        total=amount(row.get("montantTotalTtc")),
    )

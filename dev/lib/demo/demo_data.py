"""The demo's cast: a French company, its public customers, fourteen invoices and what becomes of them."""

from datetime import UTC, datetime

COMPANY = {
    "name": "Ateliers Lumière SARL",
    "street": "12 rue de la République",
    "zip": "69002",
    "city": "Lyon",
    "phone": "+33 4 72 00 00 00",
    "email": "facturation@ateliers-lumiere.example",
    "company_registry": "73282932000074",
    "vat": "FR44732829320",
}
# A supplier of the qualification space's data set: it takes the company's place in what is sent to test.
SUPPLIER_SIRET = "33254021516357"
# The recipients in the file of the data set that the administrator imports: (name, SIRET).
DATA_SET = (
    ("Destinataire service ou engagement", "12345678200069"),
    ("Centre hospitalier de Simville", "26999999900018"),
)
DATA_SET_NAME = "MATELAS_STRUCTURES.csv"

# key: (name, SIRET, street, zip, city)
CUSTOMERS = {
    "free": ("Destinataire sans paramètre", "12345678200051", "1 place du Marché", "75001", "Paris"),
    "service": (
        "Destinataire service obligatoire",
        "12345678200028",
        "2 rue des Écoles",
        "31000",
        "Toulouse",
    ),
    "engagement": (
        "Destinataire engagement obligatoire",
        "12345678200036",
        "3 quai Nord",
        "33000",
        "Bordeaux",
    ),
    "both": ("Destinataire service et engagement", "12345678200044", "4 cours Sud", "13001", "Marseille"),
    "state": ("Destinataire État", "11000201100044", "139 rue de Bercy", "75012", "Paris"),
    "closing": ("Commune de Simville", "21999999900014", "5 Grand-Rue", "67000", "Strasbourg"),
    "unknown": ("Association sans SIRET", False, "6 allée des Tilleuls", "35000", "Rennes"),
}

SERVICE = {"service": "SERVICE_DEST_SERV_OBL", "both": "SERVICE_DEST_SERV_EJ_OBL", "state": "SFACETAT"}
ENGAGEMENT = {"engagement": "MARCHE-2026-0042", "both": "BC-2026-777", "state": "1300000001"}

_LONG = (
    "Réfection de l'éclairage du gymnase : dépose de l'existant, pose de 48 luminaires « à LED », "
    "mise en conformité du tableau, essais, relevés d'éclairement, nettoyage et évacuation des déchets. "
) * 3


def line(name, price, quantity=1, tax=20, discount=0):
    """One invoice line; `tax` is the VAT rate in percent."""
    return {"name": name, "price": price, "quantity": quantity, "tax": tax, "discount": discount}


# key: customer, lines, and what departs from the ordinary; "end" is the state in which it must arrive:
# a state of account.move, or "stopped" for what must not leave.
INVOICES = {
    "plain": {"to": "free", "lines": [line("Lampe de bureau", 89.9, 10)]},
    "rates": {
        "to": "service",
        "lines": [
            line("Installation", 1200),
            line("Rénovation d'un logement", 480, tax=10),
            line("Livres techniques", 35.5, 4, tax=5.5),
        ],
    },
    "discount": {"to": "engagement", "lines": [line("Projecteur de scène", 349, 6, discount=12.5)]},
    "decimals": {
        "to": "both",
        "lines": [line("Câble au mètre", 0.1234, 1250), line("Connecteur", 1.005, 37)],
    },
    "state": {"to": "state", "lines": [line("Maintenance, mois de novembre", 950)], "end": "suspended"},
    "credit": {"to": "free", "lines": [line("Avoir : lampe rendue", 89.9)], "type": "out_refund"},
    "paid": {"to": "service", "lines": [line("Ampoules", 4.2, 100)], "process": "A2", "pay": True},
    "accents": {"to": "engagement", "lines": [line(_LONG, 8640)]},
    "sixty": {
        "to": "both",
        "lines": [
            line(f"Référence {number:03d}, luminaire encastré", 10 + number / 4) for number in range(60)
        ],
    },
    "market": {
        "to": "state",
        "lines": [line("Étude photométrique", 2400)],
        "market": "M-2025-118",
        "end": "paid",
    },
    "no_service": {"to": "service", "lines": [line("Néon", 7)], "service": False, "end": "stopped"},
    "no_siret": {"to": "unknown", "lines": [line("Guirlande", 25)], "end": "stopped"},
    "closed": {"to": "closing", "lines": [line("Réverbère", 780, 3)], "end": "rejected"},
    "long_number": {
        "to": "free",
        "lines": [line("Lustre", 1500)],
        # Odoo takes no number of another year than the invoice's.
        "number": f"FAC-{datetime.now(UTC).year}-ETABLISSEMENT-000001",
        "end": "stopped",
    },
}
GOOD_END = "integrated"


def data_set_file():
    """The file of the data set, as the qualification space gives it: bytes."""
    rows = [("Privé", "Ateliers Lumière (matelas)", SUPPLIER_SIRET)]
    rows += [("Public", *recipient) for recipient in DATA_SET]
    lines = [";".join(row) for row in [("Type", "Raison sociale", "SIRET"), *rows]]
    return ("\n".join(lines) + "\n").encode("cp1252")

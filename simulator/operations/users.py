"""utilisateurs/v1: the structures an account is attached to."""

from .call import page
from .structures import identifier, service_brief


def attachments(call):
    directory = call.chorus.directory
    attached = [
        structure
        for name in call.chorus.attached_structures(call.account)
        if (structure := directory.get(name)) is not None
    ]
    asked = call.body.get("parametresRecherche")
    if (asked or {}).get("triSens") == "Descendant":
        attached.reverse()
    wanted = page(call, asked, len(attached))
    return {
        "listeStructureRattachement": [
            {
                "idStructure": structure["id"],
                "identifiantStructure": identifier(call, structure),
                "designationStructure": structure["name"],
                "typeIdentifiantStructure": structure["type"],
                "idRattachementStructure": structure["id"] + 1_000_000,
                "statutRattachementStructure": "ACTIF",
                "roleUtilisateur": "GESTIONNAIRE_PRINCIPAL",
                "statutUtilisateur": "ACTIF",
                "listeServicesRattache": [
                    {
                        **service_brief(structure, service),
                        "idRattachementService": service["id"] + 1_000_000,
                        "statutRattachementService": "ACTIF",
                    }
                    for service in structure["services"]
                ],
            }
            for structure in wanted.cut(attached)
        ],
        "parametresRetour": wanted.as_answer(),
    }


LOOK_UPS = {"utilisateurs/v1/monCompte/recuperer/rattachements": attachments}

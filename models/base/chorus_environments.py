"""The two environments of Chorus Pro: official addresses and portals (setup procedure of AIFE and PISTE)."""

ENVIRONMENTS = [("test", "Test"), ("production", "Production")]

AUTH_URL = {
    "test": "https://sandbox-oauth.piste.gouv.fr/api/oauth/token",
    "production": "https://oauth.piste.gouv.fr/api/oauth/token",
}
API_URL = {
    "test": "https://sandbox-api.piste.gouv.fr",
    "production": "https://api.piste.gouv.fr",
}
PORTAL = {
    "test": "https://qualif.chorus-pro.gouv.fr",
    "production": "https://cpro.chorus-pro.gouv.fr",
}
PISTE_PORTAL = "https://piste.gouv.fr"

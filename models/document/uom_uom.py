from odoo import api, fields, models

# UN/ECE Recommendation 20 revision 17, and X-codes of Recommendation 21 (EN 16931 BT-130).
REC20_OF_XMLID = {
    "product_uom_unit": "C62",
    "product_uom_pack_6": "XPK",
    "product_uom_dozen": "DZN",
    "product_uom_hour": "HUR",
    "product_uom_day": "DAY",
    "product_uom_minute": "MIN",
    "product_uom_millimeter": "MMT",
    "product_uom_cm": "CMT",
    "product_uom_meter": "MTR",
    "product_uom_km": "KMT",
    "product_uom_square_meter": "MTK",
    "product_uom_milliliter": "MLT",
    "product_uom_litre": "LTR",
    "product_uom_cubic_meter": "MTQ",
    "product_uom_gram": "GRM",
    "product_uom_kgm": "KGM",
    "product_uom_ton": "TNE",
    "product_uom_oz": "ONZ",
    "product_uom_lb": "LBR",
    "product_uom_inch": "INH",
    "product_uom_foot": "FOT",
    "product_uom_yard": "YRD",
    "product_uom_mile": "SMI",
    "product_uom_square_foot": "FTK",
    "product_uom_floz": "OZA",
    "product_uom_qt": "QT",
    "product_uom_gal": "GLL",
    "product_uom_cubic_inch": "INQ",
    "product_uom_cubic_foot": "FTQ",
    "product_uom_kwh": "KWH",
}


class UomUom(models.Model):
    _inherit = "uom.uom"

    rec20_code = fields.Char(
        string="E-invoicing Code",
        size=3,
        help="Code of this unit in UN/ECE Recommendation 20 (for instance C62 for one piece, HUR for an "
        "hour, MTR for a metre). Units that come with Odoo need none.",
    )

    @api.model
    def _rec20_codes(self, units):
        """Recommendation 20 codes of ``units``.

        :param units: recordset of uom.uom
        :rtype: dict[int, str | None]
        :return: code by unit id, None when nobody said what the unit is
        """
        codes = {unit.id: unit.rec20_code.strip().upper() if unit.rec20_code else None for unit in units}
        unnamed = [unit_id for unit_id, code in codes.items() if not code]
        if unnamed:
            names = (
                self.env["ir.model.data"]
                .sudo()
                .search_fetch(
                    [("model", "=", "uom.uom"), ("module", "=", "uom"), ("res_id", "in", unnamed)],
                    ["name", "res_id"],
                )
            )
            for name in names:
                codes[name.res_id] = REC20_OF_XMLID.get(name.name)
        return codes

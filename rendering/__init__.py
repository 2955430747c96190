"""What the addon does to printed pages, without knowing Odoo: the mark of a test, the pruned stylesheet."""

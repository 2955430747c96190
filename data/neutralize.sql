-- A copy made by Odoo's own tool keeps no secret of Chorus Pro and is bound to no database.
UPDATE chorus_connection
   SET client_id = NULL,
       client_secret_cipher = NULL,
       login = NULL,
       password_cipher = NULL,
       token_cipher = NULL,
       token_expiry = NULL,
       state = 'draft',
       last_error = NULL
;

UPDATE chorus_database
   SET fingerprint = '{"neutralized": true}'
;

-- nothing is sent by any company
UPDATE res_company
   SET chorus_environment = NULL
;

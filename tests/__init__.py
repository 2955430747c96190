from . import (
    test_connection_copied_database,
    test_connection_secrets,
    test_connection_token,
    test_mapping_amounts,
    test_mapping_taxes,
    test_protocol_send,
)

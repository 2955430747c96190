from . import chorus_send, chorus_switch, chorus_test_data

from . import chorus_send

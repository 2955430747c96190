"""The rooms, each built on those before it; above all of them, what the scheduled actions and buttons do."""

from . import base  # isort: skip
from . import notice  # isort: skip
from . import connection  # isort: skip
from . import directory  # isort: skip
from . import deposit  # isort: skip
from . import findings  # isort: skip
from . import document  # isort: skip
from . import invoice  # isort: skip
from . import chorus_ask_now, chorus_validation_answer, chorus_worker  # isort: skip

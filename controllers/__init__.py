from . import chorus_evidence, chorus_hand

"""One catalogue of sentences, one way of telling people."""

from . import chorus_notice

"""The web page: what was deposited, and the buyer's desk."""

from .server import Answer


class Web:
    def __init__(self, chorus):
        self.chorus = chorus

    def __call__(self, request):
        return Answer(404)

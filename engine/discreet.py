"""Objects that say nothing of whom they are about: the rooms above use the store's."""

from store.discreet import Discreet as Discreet

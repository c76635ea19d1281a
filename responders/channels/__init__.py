"""One file for each way to reach a responder. `tests/responders/channel_kit.py` is run over all of them."""

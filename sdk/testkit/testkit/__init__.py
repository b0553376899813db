"""What the tests of the SDKs, of the guide and of the examples share: a real server, a scripted one, a bad network."""

"""Which letters matter? For any trained network, by several methods, and how faithful each is."""

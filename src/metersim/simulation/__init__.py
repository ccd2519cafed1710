"""How a call travels from the wire to a vendor's behaviour and back."""

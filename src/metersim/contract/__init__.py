"""What a vendor's OpenAPI document promises, compiled; and the rules no document can say."""

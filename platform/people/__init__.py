"""Who records, rates and researches; consent. The only room with personal data."""

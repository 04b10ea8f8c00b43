"""The face: the Textual app, its screens and widgets; it imports the engine, never the other way round."""

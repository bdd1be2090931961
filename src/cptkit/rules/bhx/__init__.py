"""BHX: conventions of behavioural health."""

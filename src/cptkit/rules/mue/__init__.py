"""MUE: more units than the published limits pay."""

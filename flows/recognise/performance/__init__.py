"""The tables of the performance self-evaluation (绩效自评) become rows and figures."""

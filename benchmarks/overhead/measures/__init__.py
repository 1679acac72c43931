"""The measures, one module each, in the order of the tables."""

from measures import cost, deadlines, imports, logs, loss, meaning, memory, off, saturation, stall

MEASURES = {
    "cost": cost.MEASURE,
    "off": off.MEASURE,
    "meaning": meaning.MEASURE,
    "imports": imports.MEASURE,
    "memory": memory.MEASURE,
    "loss": loss.MEASURE,
    "deadlines": deadlines.MEASURE,
    "stall": stall.MEASURE,
    "saturation": saturation.MEASURE,
    "logs": logs.MEASURE,
}

"""What other systems write, turned into our telemetry: one module per third party, and the replay of transcripts."""

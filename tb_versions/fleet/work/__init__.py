"""Does one thing with each of many versions: in this process, in several shares, or by Apache Beam."""



All Examplesè
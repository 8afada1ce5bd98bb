

All Examples 
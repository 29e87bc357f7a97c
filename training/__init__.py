"""Train, evaluate and export the CNN that classifies apparent emotions; the only user of Keras."""

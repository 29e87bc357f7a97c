"""Commands of ``emotion-timeline``, one each; they import heavy libraries when they run."""

STEP: object

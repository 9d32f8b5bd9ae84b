// Its presence is all that the package asks for.

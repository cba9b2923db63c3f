"""Several petitions, one matter: who may be the same is proposed with reasons, a clerk decides; and what the court did before."""

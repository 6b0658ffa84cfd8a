"""Does this data teach a model better? Small models trained on each data arm at equal tokens, and the difference said.

    experiment.load(path)              -> Experiment     arms, sizes, seeds, budget and the one primary contrast
    builders.build(name, settings)     -> Builder        what an arm's texts are, and how its models are scored
    stream.Stream(...)                 -> rows           the same order for the same seed, from any position
    train.train(cell, ...)             -> Outcome        one model: curve, scores, checkpoint; resumable, deterministic
    cells.run(experiment, ...)                           every (size, seed, arm), each result written once, as a whole
    result.gather(experiment)          -> Result         contrasts with intervals, factors, equal-compute line

torch and transformers (`pip install 'retold[measure]'`) are imported only where a model is made or loaded, so reading
an experiment and reporting its results need neither. Models are `LlamaForCausalLM` of transformers: a checkpoint loads,
serves and scores wherever such models do.
"""

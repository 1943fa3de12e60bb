package nn.train;

/**
 * What one pass over the data did.
 *
 * @param epoch its number in this trainer, from 1
 * @param loss mean of the steps' losses, each counted by the size of its batch; each is before its own step
 * @param gradientNorm mean of the steps' gradient norms
 * @param steps the number of steps
 * @param examples the number of examples seen
 * @param seconds what it took, observers included
 */
public record EpochReport(int epoch, double loss, double gradientNorm, int steps, long examples, double seconds) {}

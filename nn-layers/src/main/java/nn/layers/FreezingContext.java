package nn.layers;

/** A context that knows which parameters some gradients leave out. */
final class FreezingContext extends ForwardingContext {
    private final Gradients gradients;

    FreezingContext(Context context, Gradients gradients) {
        super(context);
        this.gradients = gradients;
    }

    @Override
    public boolean isFrozen(Parameter parameter) {
        return gradients.isFrozen(parameter) || super.isFrozen(parameter);
    }
}

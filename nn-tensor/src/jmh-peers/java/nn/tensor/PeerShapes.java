package nn.tensor;

import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What products of other libraries share: the shape. */
@State(Scope.Benchmark)
public abstract class PeerShapes {
    @Param({
        "square-32",
        "square-64",
        "square-128",
        "square-256",
        "square-512",
        "square-1024",
        "square-2048",
        "forward-1",
        "forward-8",
        "forward-32",
        "forward-64",
        "forward-128",
        "forward-512",
        "dW-1",
        "dW-8",
        "dW-32",
        "dW-64",
        "dW-128",
        "dW-512",
        "dX-1",
        "dX-8",
        "dX-32",
        "dX-64",
        "dX-128",
        "dX-512",
        "out-32",
        "out-128",
        "out-512",
        "out.dW-32",
        "out.dW-128",
        "out.dW-512",
        "out.dX-32",
        "out.dX-128",
        "out.dX-512"
    })
    public String shape;

    Product product;

    /** Columns of the left side as it is stored. */
    int leftColumns() {
        return product.form() == Transposed.LEFT ? product.m() : product.k();
    }

    /** Columns of the right side as it is stored. */
    int rightColumns() {
        return product.form() == Transposed.RIGHT ? product.k() : product.n();
    }
}

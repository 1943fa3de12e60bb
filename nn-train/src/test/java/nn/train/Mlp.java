package nn.train;

import java.util.ArrayList;
import java.util.List;
import nn.golden.Golden;
import nn.layers.Context;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.Pullback;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/** Affine maps with an activation between each two: the network of a golden case, with the case's first weights. */
record Mlp(List<Affine> maps, String activation) implements Layer {
    /** Weights w0, w1, ... and biases b0, b1, ... under a name; the activation may be "mixed". */
    static Mlp golden(Golden golden, String name, String activation) {
        List<Affine> maps = new ArrayList<>();
        for (int i = 0; golden.has(name, "in/w" + i); i++) {
            maps.add(Affine.of(golden.tensor(name, "in/w" + i), golden.tensor(name, "in/b" + i)));
        }
        return new Mlp(List.copyOf(maps), activation);
    }

    @Override
    public Pass forward(Tensor x, Context context) {
        List<Pullback> back = new ArrayList<>();
        Tensor h = x;
        for (int i = 0; i < maps.size(); i++) {
            Pass pass = maps.get(i).forward(h, context);
            back.add(pass.pullback());
            h = pass.output();
            if (i < maps.size() - 1) {
                boolean relu = activation.equals("relu") || activation.equals("mixed") && i % 2 == 1;
                pass = activate(h, relu, context);
                back.add(pass.pullback());
                h = pass.output();
            }
        }
        return new Pass(h, (dy, into) -> {
            Tensor d = dy;
            for (Pullback pullback : back.reversed()) {
                d = pullback.apply(d, into);
            }
            return d;
        });
    }

    private static Pass activate(Tensor z, boolean relu, Context context) {
        Tensor a = context.empty(z.shape());
        if (relu) {
            z.reluInto(a);
        } else {
            z.tanhInto(a);
        }
        return new Pass(a, (dy, into) -> {
            Tensor dz = context.empty(z.shape());
            if (relu) {
                z.reluGradInto(dy, dz);
            } else {
                a.tanhGradInto(dy, dz);
            }
            return dz;
        });
    }

    @Override
    public Shape outputShape(Shape in) {
        return maps.getLast().outputShape(in);
    }

    @Override
    public List<Parameter> parameters() {
        return maps.stream().flatMap(map -> map.parameters().stream()).toList();
    }
}

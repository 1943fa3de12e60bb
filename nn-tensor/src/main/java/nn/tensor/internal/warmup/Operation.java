package nn.tensor.internal.warmup;

/** The operations on vectors that are compiled one by one, each when a program has used it enough. */
public enum Operation {
    ADD(Kind.SIMPLE),
    SUBTRACT(Kind.SIMPLE),
    MULTIPLY(Kind.SIMPLE),
    SCALE(Kind.SIMPLE),
    ADD_SCALED(Kind.SIMPLE),
    RELU(Kind.SIMPLE),
    RELU_GRAD(Kind.SIMPLE),
    TANH_GRAD(Kind.SIMPLE),
    SIGMOID_GRAD(Kind.SIMPLE),
    ELU_GRAD(Kind.SIMPLE),
    LEAKY_RELU_GRAD(Kind.SIMPLE),
    CLAMP(Kind.SIMPLE),
    PRELU(Kind.SIMPLE),
    PRELU_GRAD(Kind.SIMPLE),
    CLAMP_GRAD(Kind.SIMPLE),
    CELU_GRAD(Kind.SIMPLE),
    HARD_SIGMOID(Kind.SIMPLE),
    HARD_SIGMOID_GRAD(Kind.SIMPLE),
    HARD_SWISH(Kind.SIMPLE),
    HARD_SWISH_GRAD(Kind.SIMPLE),
    MAX_ABS(Kind.SIMPLE),
    TRANSPOSE(Kind.SIMPLE),
    ADD_ROWS(Kind.SIMPLE),
    TAKE_LARGER(Kind.SIMPLE),
    TAKE_LARGER_GRAD(Kind.SIMPLE),

    /** Parts of a step of a recurrent cell; counted in units of all rows. */
    LSTM_CELL(Kind.FUNCTION),
    LSTM_GRAD(Kind.SIMPLE),
    GRU_CANDIDATE(Kind.SIMPLE),
    GRU_OUTPUT(Kind.SIMPLE),
    GRU_GRAD(Kind.SIMPLE),
    LINEAR_CELL(Kind.SIMPLE),

    /** Products with a transposed right side for few rows; counted in elements of the right side. */
    TRANSPOSED_PRODUCTS(Kind.SIMPLE),

    /** Products of few columns; counted in elements of the left side. */
    NARROW_PRODUCTS(Kind.SIMPLE),

    /** The kernels of {@code WindowKernels}; counted in elements of windows that are read for one vector of columns. */
    WINDOW_PRODUCTS(Kind.SIMPLE),
    WINDOW_OUTER(Kind.SIMPLE),
    DEPTHWISE(Kind.SIMPLE),
    DEPTHWISE_OUTER(Kind.SIMPLE),
    WINDOW_MAX(Kind.SIMPLE),

    HAS_TINY(Kind.SIMPLE),
    DIVIDE(Kind.SIMPLE),
    SQRT(Kind.SIMPLE),

    /** The kernels of {@code RowKernels}, in its order. */
    ROW_LARGEST(Kind.SIMPLE),
    ROW_SHIFT(Kind.SIMPLE),
    EXP_LESS(Kind.FUNCTION),
    ROW_SUM(Kind.SUM),
    ROW_GROUPS(Kind.SUM),
    ROW_SQUARES(Kind.SUM),
    ROW_DOT(Kind.SUM),
    ROW_MAGNITUDES(Kind.SUM),
    ROW_HUBER(Kind.SUM),
    SIGNS(Kind.SIMPLE),
    SOFTMAX_GRAD(Kind.SIMPLE),
    CROSS_ENTROPY(Kind.SUM),
    MINUS_MAGNITUDE(Kind.SIMPLE),
    SIGMOID_LOSS(Kind.FUNCTION),
    WEIGHTED_SIGMOID_LOSS(Kind.FUNCTION),
    TURN_TO_TARGET_0(Kind.SIMPLE),
    FOCAL_EXPONENTS(Kind.FUNCTION),
    FOCAL_LOSS(Kind.FUNCTION),
    DIVERGENCE(Kind.SIMPLE),
    ROW_MOMENTS(Kind.SUM),
    NORMALIZE_ROW(Kind.SIMPLE),
    NORMALIZE_ROW_SUMS(Kind.SUM),
    NORMALIZE_ROW_GRAD(Kind.SIMPLE),
    COLUMN_MOMENTS(Kind.SIMPLE),
    COLUMN_DOTS(Kind.SIMPLE),
    NORMALIZE_COLUMNS(Kind.SIMPLE),
    NORMALIZE_COLUMNS_GRAD(Kind.SIMPLE),

    EXP(Kind.FUNCTION),
    LOG(Kind.FUNCTION),
    TANH(Kind.FUNCTION),
    SIGMOID(Kind.FUNCTION),
    ELU(Kind.FUNCTION),
    SILU(Kind.FUNCTION),
    SILU_GRAD(Kind.FUNCTION),
    SOFTPLUS(Kind.FUNCTION),
    SOFTPLUS_GRAD(Kind.FUNCTION),
    CELU(Kind.FUNCTION),
    MISH(Kind.FUNCTION),
    MISH_GRAD(Kind.FUNCTION),
    GELU(Kind.FUNCTION),
    GELU_GRAD(Kind.FUNCTION),
    GELU_TANH(Kind.FUNCTION),
    GELU_TANH_GRAD(Kind.FUNCTION),
    ERF(Kind.FUNCTION),
    ERF_GRAD(Kind.FUNCTION),
    SIN(Kind.FUNCTION),
    SIN_GRAD(Kind.FUNCTION),

    /** All products in double; counted in rows of a strip times inner steps. */
    DOUBLES(Kind.FUNCTION),

    /** Sums of products over a tree, where tiles are compiled; counted in elements of the result. */
    PRODUCT_SUMS(Kind.FUNCTION),

    UNIFORM(Kind.RANDOM),
    NORMAL(Kind.RANDOM),

    /** Products of one inner step by {@code VectorSteps}; these and the following are counted in elements of C. */
    STEPS_1(Kind.STEPS),
    STEPS_2(Kind.STEPS),
    STEPS_3(Kind.STEPS),
    STEPS_4(Kind.STEPS),
    STEPS_5(Kind.STEPS),
    STEPS_6(Kind.STEPS),
    STEPS_7(Kind.STEPS),
    STEPS_8(Kind.STEPS),
    STEPS_9(Kind.STEPS),
    STEPS_10(Kind.STEPS),
    STEPS_11(Kind.STEPS),
    STEPS_12(Kind.STEPS),

    /** Register tiles of products and their copies; these and the following are counted in multiply-adds. */
    BLOCK(Kind.TILES),
    /** The short tile of {@code WideTiles} on an A that lies column by column. */
    COLUMNS(Kind.TILES),
    /** The tile of {@code RowTiles} that is two vectors wide. */
    WIDE_BY_ROWS(Kind.TILES),
    /** The copies at {@code Edges}, for tiles that stick out of C, and the masked ones of {@code Packing}. */
    EDGES(Kind.TILES),
    /** {@code RowProducts}. */
    ROWS(Kind.TILES),
    TALL_BLOCK(Kind.MORE_TILES),
    TALL_COLUMNS(Kind.MORE_TILES),
    /** The tile of {@code RowTiles} that is one vector wide. */
    NARROW_BY_ROWS(Kind.MORE_TILES),
    /** The tile of {@code ColumnTiles} that is one vector wide. */
    NARROW_BY_COLUMNS(Kind.MORE_TILES),
    /** The tile of {@code WideTiles} that goes along rows. */
    TALLEST_BLOCK(Kind.MORE_TILES);

    /** Operations that are compiled alike. */
    public enum Kind {
        /** A loop of a few instructions, almost as fast in scalar code. */
        SIMPLE,
        /** The same in a method of its own, called by one that joins the sums of lanes. */
        SUM,
        /** A long loop: gains more, and takes longer to compile. */
        FUNCTION,
        /** The longest code of all, which most programs need once, for their weights. */
        RANDOM,
        /** Products of a short inner size. */
        STEPS,
        /** Tiles without which a product runs in scalar code. */
        TILES,
        /** Tiles that only make some products faster. */
        MORE_TILES;

        /** Whether an operation is a loop of a few instructions. */
        public boolean isSimple() {
            return this == SIMPLE || this == SUM;
        }

        /** Whether these are tiles of products. */
        public boolean isOfTiles() {
            return this == TILES || this == MORE_TILES;
        }

        /** The place in the order of compilation; operations of which scalar code is almost as fast can wait. */
        public int order() {
            return switch (this) {
                case FUNCTION, RANDOM, TILES -> 0;
                case MORE_TILES -> 1;
                case SIMPLE, SUM, STEPS -> 2;
            };
        }
    }

    private static final Operation[] ALL = values();

    /** The number of operations. */
    public static final int COUNT = ALL.length;

    static {
        if (COUNT > OperationSet.CAPACITY) {
            throw new AssertionError(COUNT + " operations do not fit into a set of " + OperationSet.CAPACITY);
        }
    }

    /** How it is compiled. */
    public final Kind kind;

    /** Where an {@link OperationSet} has this operation: a bit of its low or high half. */
    final long bit;

    final boolean inHigh;

    Operation(Kind kind) {
        this.kind = kind;
        bit = 1L << ordinal(); // modulo 64
        inHigh = ordinal() >= Long.SIZE;
    }

    /** Products of a short inner size, 1 to {@code ShortProducts.MOST_STEPS}. */
    public static Operation steps(int k) {
        return ALL[STEPS_1.ordinal() + k - 1];
    }

    /** The inner size of the products of {@link Kind#STEPS}. */
    public int steps() {
        return ordinal() - STEPS_1.ordinal() + 1;
    }
}

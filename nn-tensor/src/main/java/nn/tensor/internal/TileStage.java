package nn.tensor.internal;

/**
 * The stages in which the register tiles of products are compiled: row by row first, then the short tiles, at last the
 * tall ones. A stage includes all previous ones.
 */
enum TileStage {
    NONE,
    ROW_BY_ROW,
    BLOCK,
    COLUMNS,
    WIDE_BY_ROWS,
    NARROW_BY_ROWS,
    TALL_BLOCK,
    TALL_COLUMNS,
    NARROW_BY_COLUMNS,
    LONG_ROW,
    TALLEST_BLOCK;

    /** The last stage, at which all tiles are compiled. */
    static final TileStage ALL = TALLEST_BLOCK;

    /** Whether this stage is another one or comes after it. */
    boolean includes(TileStage other) {
        return ordinal() >= other.ordinal();
    }

    /** The stage after this one, which must not be the last. */
    TileStage next() {
        return values()[ordinal() + 1];
    }
}

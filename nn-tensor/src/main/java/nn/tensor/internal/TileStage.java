package nn.tensor.internal;

/**
 * The stages in which the register tiles of products are compiled: row by row first, then the short tiles, at last the
 * tall ones. A stage includes all previous ones.
 */
enum TileStage {
    /** Nothing: products run in scalar code. */
    NONE,
    /** {@link RowProducts} without long rows. */
    ROW_BY_ROW,
    /** The short tile of {@link WideTiles} on a copy of A. */
    BLOCK,
    /** The short tile of {@link WideTiles} on an A that lies column by column. */
    COLUMNS,
    /** The tile of {@link RowTiles} that is two vectors wide. */
    WIDE_BY_ROWS,
    /** The tile of {@link RowTiles} that is one vector wide, and the copies at {@link Edges}. */
    NARROW_BY_ROWS,
    TALL_BLOCK,
    TALL_COLUMNS,
    /** The tile of {@link ColumnTiles} that is one vector wide. */
    NARROW_BY_COLUMNS,
    /** The long rows of {@link RowProducts}. */
    LONG_ROW,
    /** The tile of {@link WideTiles} that goes along rows. */
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

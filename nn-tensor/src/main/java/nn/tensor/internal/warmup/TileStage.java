package nn.tensor.internal.warmup;

/**
 * The stages in which the register tiles of products are compiled: row by row first, then the short tiles, at last the
 * tall ones. A stage includes all previous ones.
 */
public enum TileStage {
    /** Nothing: products run in scalar code. */
    NONE,
    /** {@code RowProducts} without long rows. */
    ROW_BY_ROW,
    /** The short tile of {@code WideTiles} on a copy of A. */
    BLOCK,
    /** The short tile of {@code WideTiles} on an A that lies column by column. */
    COLUMNS,
    /** The tile of {@code RowTiles} that is two vectors wide. */
    WIDE_BY_ROWS,
    /** The tile of {@code RowTiles} that is one vector wide, and the copies at {@code Edges}. */
    NARROW_BY_ROWS,
    TALL_BLOCK,
    TALL_COLUMNS,
    /** The tile of {@code ColumnTiles} that is one vector wide. */
    NARROW_BY_COLUMNS,
    /** The long rows of {@code RowProducts}. */
    LONG_ROW,
    /** The tile of {@code WideTiles} that goes along rows. */
    TALLEST_BLOCK;

    /** The last stage, at which all tiles are compiled. */
    public static final TileStage ALL = TALLEST_BLOCK;

    /** Whether this stage is another one or comes after it. */
    public boolean includes(TileStage other) {
        return ordinal() >= other.ordinal();
    }

    /** The stage after this one, which must not be the last. */
    public TileStage next() {
        return values()[ordinal() + 1];
    }
}

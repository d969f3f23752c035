package dev.tollgate.accounting.limit;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;

/** Headers by their names, of which there are no two alike: two arrays, for each call has twenty, and all that is ever done is to go through them. */
final class HeaderTexts extends AbstractMap<String, String> {
    private final String[] names;
    private final String[] texts;

    /** Both belong to the map from now on. */
    HeaderTexts(String[] names, String[] texts) {
        this.names = names;
        this.texts = texts;
    }

    @Override
    public int size() {
        return names.length;
    }

    @Override
    public void forEach(BiConsumer<? super String, ? super String> action) {
        for (int i = 0; i < names.length; i++) {
            action.accept(names[i], texts[i]);
        }
    }

    @Override
    public Set<Entry<String, String>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public Iterator<Entry<String, String>> iterator() {
                return IntStream.range(0, names.length)
                        .mapToObj(i -> Map.entry(names[i], texts[i]))
                        .iterator();
            }

            @Override
            public int size() {
                return names.length;
            }
        };
    }
}

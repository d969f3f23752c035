package dev.tollgate.accounting.book;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ShorthandTest {
    private static final String ID = "ab".repeat(32);
    private static final String KEY = "{\"token\":\"" + ID + "\",\"key_name\":\"sk-...0001\",\"key_alias\":\"alias-1\","
            + "\"models\":[\"gpt-4o\",\"gpt-4o-mini\"],\"user_id\":\"user-1\",\"team_id\":\"team-1\",\"max_budget\":10.5,"
            + "\"budget_duration\":\"30d\",\"rpm_limit\":100,\"metadata\":{\"tags\":[\"blue\"]},"
            + "\"created_at\":\"2026-01-31T12:00:00Z\",\"updated_at\":\"2026-01-31T12:00:00Z\","
            + "\"created_by\":\"default_user_id\",\"updated_by\":\"default_user_id\"}";

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void anUsualKeyTakesLessThanHalf() {
        assertThat(Shorthand.of(bytes(KEY), ID).length).isLessThan(bytes(KEY).length / 2);
    }

    @Test
    void everyDocumentComesBackAsItWas() {
        for (String document : List.of(
                KEY,
                "",
                "{}",
                "{\"a\":\t1,\r\n\"b\":2}",
                "{\"hand\":\"written \u0001\u0002\u0000\"}",
                "\u0000{}",
                "{\"ü\":\"世界 \uD83D\uDE80\"}",
                ID + ID,
                ",\"models\":[".repeat(3) + ",\"model")) {
            for (String id : List.of(ID, "x", "", "ü", "{", "{\"token\":\"")) {
                byte[] shorter = Shorthand.of(bytes(document), id);
                assertThat(new String(Shorthand.full(shorter, id), StandardCharsets.UTF_8))
                        .as("%s of %s", document, id)
                        .isEqualTo(document);
            }
        }
    }

    @Test
    void soDoPiecesOfDocumentsInAnyOrder() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] all = bytes(KEY + "\u0001 ü\t");
        for (int i = 0; i < 5_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int piece = random.nextInt(6); piece >= 0; piece--) {
                int from = random.nextInt(all.length - 3);
                text.append(new String(all, from, random.nextInt(all.length - from), StandardCharsets.ISO_8859_1));
            }
            byte[] document = text.toString().getBytes(StandardCharsets.ISO_8859_1);
            String id = random.nextBoolean() ? ID : "k" + i;
            assertThat(Shorthand.full(Shorthand.of(document, id), id))
                    .as("seed %d", seed)
                    .isEqualTo(document);
        }
    }
}

package dev.tollgate.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class UsageTest {
    private static final Usage DRAWN = new Usage(1, 2, 3, 4, 5, 6, 7, 8, 9, true).withPictures(10, 11);

    @Test
    void whatWasNotPicturesHasNone() {
        assertThat(Usage.of(1, 2).imagePrompt()).isZero();
        assertThat(Usage.of(1, 2).imageCompletion()).isZero();
        assertThat(DRAWN).isEqualTo(new Usage(1, 2, 3, 4, 5, 10, 6, 7, 8, 11, 9, true, null));
    }

    @Test
    void everyKindOfTokenIsAddedUp() {
        assertThat(DRAWN.plus(DRAWN.in(ServiceTier.FLEX)))
                .isEqualTo(new Usage(2, 4, 6, 8, 10, 20, 12, 14, 16, 22, 18, true, ServiceTier.FLEX));
    }

    @Test
    void aCopyThatChangesOneThingKeepsAllOthers() {
        assertThat(DRAWN.atLeastGenerated(60).withSearches(90).in(ServiceTier.PRIORITY))
                .isEqualTo(new Usage(1, 2, 3, 4, 5, 10, 60, 7, 8, 11, 90, true, ServiceTier.PRIORITY));
        assertThat(DRAWN.in(ServiceTier.FLEX).withPictures(0, 1))
                .isEqualTo(new Usage(1, 2, 3, 4, 5, 0, 6, 7, 8, 1, 9, true, ServiceTier.FLEX));
    }
}

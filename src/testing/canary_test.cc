#include "testing/canary.h"

#include <string>

namespace fiducia::testing {

TEST(CanaryTest, AShortValueCountsOnlyWhereItStandsByItself) {
  EXPECT_FALSE(Lacks(R"({"name":"Ana"})", "Ana"));
  EXPECT_FALSE(Lacks("Ana", "Ana"));
  EXPECT_FALSE(Lacks("to Ana, here", "Ana"));
  EXPECT_FALSE(Lacks("QAna+ and Ana", "Ana")) << "the second one does";
  EXPECT_TRUE(Lacks("salt: 9QAna+/w", "Ana"));
  EXPECT_TRUE(Lacks("id 51384111-0d2f", "4111"));
  EXPECT_FALSE(Lacks("card 4111 1111", "4111"));
  EXPECT_FALSE(Lacks("欧阳娜", "欧阳"));
}

TEST(CanaryTest, AValueThatTellsItselfCountsAnywhere) {
  EXPECT_FALSE(Lacks("xCanaryx", "Canary"));
  EXPECT_FALSE(Lacks("+8613800138000", "13800138000"));
  EXPECT_TRUE(Lacks("nothing here", "13800138000"));
  EXPECT_FALSE(Lacks("anything", "")) << "nothing to look for is a mistake of the test";
}

}  // namespace fiducia::testing

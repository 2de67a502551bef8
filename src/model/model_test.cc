#include <ostream>
#include <type_traits>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "model/field_set.h"
#include "model/names.h"
#include "model/permit.h"
#include "model/sensitive.h"
#include "testing/covers.h"

namespace fiducia::model {

namespace {

template <typename T>
concept Streamable = requires(std::ostream& out, const T& value) { out << value; };
template <typename T>
concept Comparable = requires(const T& a, const T& b) { a == b; };

// A clear value cannot reach a log, a format string, a JSON document or a comparison by accident.
static_assert(!Streamable<Sensitive>);
static_assert(!Comparable<Sensitive>);
static_assert(!fmt::is_formattable<Sensitive>::value);
static_assert(!std::is_convertible_v<Sensitive, std::string_view>);
static_assert(!std::is_convertible_v<Sensitive, std::string>);
static_assert(!std::is_constructible_v<nlohmann::json, Sensitive>);
// Nobody but the gate makes these.
static_assert(!std::is_default_constructible_v<Permit>);
static_assert(!std::is_constructible_v<Permit, SubjectRef, Op, FieldSet, FieldSet, int64_t>);
static_assert(!std::is_constructible_v<ErasureOrder, SubjectRef>);

TEST(SensitiveTest, MovingLeavesNothingBehind) {
  testing::Covers("D2");
  std::string source = "short";
  const Sensitive value(std::move(source));
  EXPECT_TRUE(source.empty());  // NOLINT(bugprone-use-after-move): that is the point
  EXPECT_EQ(value.Reveal(), "short");
  Sensitive other = Sensitive::CopyOf("a text that is longer than the small buffer");
  const Sensitive taken = std::move(other);
  EXPECT_TRUE(other.empty());  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(taken.Reveal(), "a text that is longer than the small buffer");
}

TEST(FieldSetTest, PacksAndUnpacks) {
  const FieldSet set = FieldSet::Of({0, 63, 64, 511});
  EXPECT_EQ(FieldSet::Unpack(set.Pack()), set);
  EXPECT_EQ(set.count(), 4);
  EXPECT_EQ(FieldSet::Of({3}).Pack().size(), 1U);
  EXPECT_TRUE((set - set).empty());
  std::vector<FieldNo> seen;
  set.ForEach([&](FieldNo field) { seen.push_back(field); });
  EXPECT_EQ(seen, (std::vector<FieldNo>{0, 63, 64, 511}));
}

TEST(NamesTest, EveryWordIsReadBack) {
  for (const Op op :
       {Op::kRead, Op::kReveal, Op::kWrite, Op::kSearch, Op::kErase, Op::kExport, Op::kShare}) {
    EXPECT_EQ(*ParseOp(Name(op)), op);
  }
  EXPECT_FALSE(ParseOp("READ"));
  EXPECT_FALSE(ParseBasisKind("because"));
  EXPECT_EQ(*ParseBasisKind("contract"), BasisKind::kContract);
}

}  // namespace

}  // namespace fiducia::model

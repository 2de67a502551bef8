// Names, addresses, places, organizations and the like in running text, by a linear model over
// tokens: each token's label follows from the features of it and its neighbors and from the label
// before it, the best sequence is taken. The weights are trained by tools/tagger and ship with the
// product.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "process/classify/entity.h"
#include "process/classify/features.h"
#include "process/classify/lexicon.h"

namespace fiducia::process {

constexpr size_t kLabels = 16;
// A label of the first token of an entity, or of one that goes on. Kinds of one label have no
// other.
struct Label {
  EntityKind kind = EntityKind::kPerson;
  bool first = false;
  bool single = false;
};
constexpr uint8_t kOutside = 0;
constexpr std::array<Label, kLabels> kLabelsOf = {{
    {},
    {EntityKind::kPerson, true, false},
    {EntityKind::kPerson, false, false},
    {EntityKind::kAddress, true, false},
    {EntityKind::kAddress, false, false},
    {EntityKind::kPlace, true, false},
    {EntityKind::kPlace, false, false},
    {EntityKind::kOrganization, true, false},
    {EntityKind::kOrganization, false, false},
    {EntityKind::kDate, true, false},
    {EntityKind::kDate, false, false},
    {EntityKind::kAge, true, true},
    {EntityKind::kTitle, true, true},
    {EntityKind::kGroup, true, true},
    {EntityKind::kPostcode, true, true},
    {},
}};
constexpr uint8_t kUsedLabels = 15;
// Whether `next` may follow `last`.
constexpr bool MayFollow(uint8_t last, uint8_t next) {
  const Label& label = kLabelsOf[next];
  return next < kUsedLabels &&
         (next == kOutside || label.first ||
          (last != kOutside && kLabelsOf[last].kind == label.kind && !kLabelsOf[last].single));
}

struct TaggerModel {
  Lexicon lexicon;
  std::array<std::array<int16_t, kLabels>, kLabels> follows{};  // [last][next]
  std::vector<int8_t> weights;                                  // kModelRows rows of kLabels

  std::string Written() const;
  static Result<TaggerModel> Read(std::string_view bytes);
  // The one that ships.
  static const TaggerModel& Shipped();
};

// Where the entities are; `labels` gets one for each token.
class Tagger {
 public:
  explicit Tagger(const TaggerModel& model) : model_(model) {}

  void Label(const std::vector<Token>& tokens, std::vector<uint8_t>& labels);

 private:
  const TaggerModel& model_;
  std::vector<std::array<uint8_t, kLabels>> from_;
};

// Joins labeled tokens to entities.
std::vector<Entity> EntitiesOf(const std::vector<Token>& tokens,
                               const std::vector<uint8_t>& labels);

}  // namespace fiducia::process

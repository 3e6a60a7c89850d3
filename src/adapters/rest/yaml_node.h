#ifndef ENRICH_ADAPTERS_REST_YAML_NODE_H_
#define ENRICH_ADAPTERS_REST_YAML_NODE_H_

#include <deque>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "adapters/rest/load.h"

// YAML as provider files use it: mappings with text keys, lists, and scalars
// that know whether they were quoted. What YAML offers beyond that is refused.
namespace enrich::rest {

// A value of a YAML text. Lives as long as its YamlDocument.
class YamlNode {
 public:
  enum class Kind { kNull, kScalar, kList, kMap };

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::kNull; }
  bool is_scalar() const { return kind_ == Kind::kScalar; }
  bool is_list() const { return kind_ == Kind::kList; }
  bool is_map() const { return kind_ == Kind::kMap; }

  // Of a scalar.
  const std::string& text() const { return text_; }
  // Whether the scalar is text for sure: quoted, or a block.
  bool quoted() const { return quoted_; }

  // Elements, or the values of a mapping, in order.
  const std::vector<const YamlNode*>& children() const { return children_; }
  // The key this value has in its mapping.
  const std::string& key() const { return key_; }
  // Null when there is none.
  const YamlNode* Find(absl::string_view key) const;

  // Whether both say the same, wherever they stand.
  bool SameAs(const YamlNode& other) const;

  // From 1: where the value stands, or its key.
  int line() const { return line_; }
  // Such as `operations[0].submit.job`; empty for the root.
  std::string Path() const;

 private:
  friend class YamlBuilder;

  Kind kind_ = Kind::kNull;
  bool quoted_ = false;
  int line_ = 0;
  size_t index_ = 0;
  const YamlNode* parent_ = nullptr;
  std::string key_ = {};
  std::string text_ = {};
  std::vector<const YamlNode*> children_ = {};
};

struct YamlLimits {
  size_t max_bytes = 256 << 10;
  // Lists and mappings inside each other.
  int max_depth = 40;
};

// A text that was read.
struct YamlDocument {
  // Null when the text is no YAML, or is empty.
  const YamlNode* root = nullptr;
  // What is no YAML, keys that stand twice, anchors, aliases, tags, further
  // documents, and what exceeds the limits.
  std::vector<Mistake> mistakes = {};
  // Owns the nodes.
  std::deque<YamlNode> nodes = {};
};

YamlDocument ReadYamlTree(absl::string_view text, const YamlLimits& limits);
inline YamlDocument ReadYamlTree(absl::string_view text) {
  return ReadYamlTree(text, YamlLimits{});
}

}  // namespace enrich::rest

#endif  // ENRICH_ADAPTERS_REST_YAML_NODE_H_

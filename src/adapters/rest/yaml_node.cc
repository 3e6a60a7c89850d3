#include "adapters/rest/yaml_node.h"

#include <algorithm>
#include <set>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/text.h"
#include "yaml-cpp/eventhandler.h"
#include "yaml-cpp/exceptions.h"
#include "yaml-cpp/mark.h"
#include "yaml-cpp/parser.h"

namespace enrich::rest {
namespace {

// Longer keys would make paths in messages unreadable.
constexpr size_t kMaxKeyBytes = 1024;
// Mappings are searched from one end to the other.
constexpr size_t kMaxKeys = 1000;
// Nobody reads on.
constexpr size_t kMaxMistakes = 100;

int LineOf(const YAML::Mark& mark) {
  return mark.is_null() ? 0 : mark.line + 1;
}

}  // namespace

const YamlNode* YamlNode::Find(absl::string_view key) const {
  if (!is_map()) return nullptr;
  for (const YamlNode* child : children_) {
    if (child->key_ == key) return child;
  }
  return nullptr;
}

bool YamlNode::SameAs(const YamlNode& other) const {
  return kind_ == other.kind_ && text_ == other.text_ &&
         std::equal(children_.begin(), children_.end(), other.children_.begin(),
                    other.children_.end(),
                    [](const YamlNode* a, const YamlNode* b) {
                      return a->key_ == b->key_ && a->SameAs(*b);
                    });
}

std::string YamlNode::Path() const {
  std::vector<const YamlNode*> steps;
  for (const YamlNode* node = this; node->parent_ != nullptr;
       node = node->parent_) {
    steps.push_back(node);
  }
  std::string path;
  for (auto it = steps.rbegin(); it != steps.rend(); ++it) {
    if ((*it)->parent_->is_list()) {
      absl::StrAppend(&path, "[", (*it)->index_, "]");
    } else {
      absl::StrAppend(&path, path.empty() ? "" : ".", (*it)->key_);
    }
  }
  return path;
}

// Builds the tree from the parser's events. Everything below what is refused is
// skipped.
class YamlBuilder final : public YAML::EventHandler {
 public:
  YamlBuilder(const YamlLimits& limits, YamlDocument& document)
      : limits_(limits), document_(document) {}

  void Report(int line, std::string path, std::string text) {
    if (document_.mistakes.size() < kMaxMistakes) {
      document_.mistakes.push_back({line, std::move(path), std::move(text)});
    }
  }

  // Whether a second document began: the rest is of no interest.
  bool has_two() const { return documents_ > 1; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 2) {
      Report(LineOf(mark), "", "the file must hold one YAML document");
    }
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    if (!TakesKey(mark, "", false)) Add(mark);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    Refuse(mark, "aliases (*name) are not read: write it out");
    OnNull(mark, 0);
  }

  void OnAnchor(const YAML::Mark& mark, const std::string&) override {
    Refuse(mark, "anchors (&name) are not read: write it out where it is used");
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                const std::string& value) override {
    CheckTag(mark, tag);
    if (TakesKey(mark, value, true)) return;
    if (YamlNode* node = Add(mark)) {
      node->kind_ = YamlNode::Kind::kScalar;
      node->text_ = value;
      node->quoted_ = tag == "!";
    }
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag,
                       YAML::anchor_t, YAML::EmitterStyle::value) override {
    Open(mark, tag, YamlNode::Kind::kList);
  }
  void OnSequenceEnd() override { open_.pop_back(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag,
                  YAML::anchor_t, YAML::EmitterStyle::value) override {
    Open(mark, tag, YamlNode::Kind::kMap);
  }
  void OnMapEnd() override { open_.pop_back(); }

 private:
  // A container whose end has not come.
  struct Level {
    // Null where it is skipped.
    YamlNode* node = nullptr;
    bool map = false;
    // In a mapping: the next event is a value.
    bool has_key = false;
    // ... which is skipped.
    bool skip_value = false;
    std::string key = {};
    int key_line = 0;
    std::set<std::string> seen = {};
  };

  void Refuse(const YAML::Mark& mark, std::string text) {
    Report(LineOf(mark), PathHere(), std::move(text));
  }

  std::string PathHere() const {
    if (open_.empty() || open_.back().node == nullptr) return "";
    const Level& level = open_.back();
    std::string path = level.node->Path();
    if (!level.map || !level.has_key) return path;
    return absl::StrCat(path, path.empty() ? "" : ".", level.key);
  }

  void CheckTag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    Refuse(mark, "tags (!name) are not read: quote what is text");
  }

  // Whether the event is a key of the mapping that is open.
  bool TakesKey(const YAML::Mark& mark, const std::string& text, bool scalar) {
    if (open_.empty() || !open_.back().map || open_.back().has_key) {
      return false;
    }
    Level& level = open_.back();
    level.skip_value = level.node == nullptr;
    level.key_line = LineOf(mark);
    if (!scalar) {
      Refuse(mark, "a key must be a text; quote it if it is one");
      level.skip_value = true;
    } else if (text.size() > kMaxKeyBytes) {
      Refuse(mark, absl::StrCat("a key has at most ", kMaxKeyBytes, " bytes"));
      level.skip_value = true;
    } else if (level.seen.size() >= kMaxKeys) {
      Refuse(mark, absl::StrCat("a mapping has at most ", kMaxKeys, " keys"));
      level.skip_value = true;
    } else if (level.node != nullptr && !level.seen.insert(text).second) {
      level.key = text;
      level.has_key = true;
      Refuse(mark, "stands here twice");
      level.skip_value = true;
    }
    level.key = text.substr(0, kMaxKeyBytes);
    level.has_key = true;
    return true;
  }

  // A new value where the text stands; null where it is skipped.
  YamlNode* Add(const YAML::Mark& mark) {
    if (documents_ != 1) return nullptr;
    if (open_.empty()) {
      YamlNode& root = document_.nodes.emplace_back();
      document_.root = &root;
      root.line_ = LineOf(mark);
      return &root;
    }
    Level& level = open_.back();
    const bool skip = level.node == nullptr || level.skip_value;
    level.has_key = false;
    if (skip) return nullptr;
    YamlNode& node = document_.nodes.emplace_back();
    node.parent_ = level.node;
    node.index_ = level.node->children_.size();
    node.line_ = level.map ? level.key_line : LineOf(mark);
    if (level.map) node.key_ = level.key;
    level.node->children_.push_back(&node);
    return &node;
  }

  void Open(const YAML::Mark& mark, const std::string& tag,
            YamlNode::Kind kind) {
    CheckTag(mark, tag);
    YamlNode* node = nullptr;
    // The value of a key that is a container is skipped with the container.
    if (TakesKey(mark, "", false)) {
      open_.push_back({.map = kind == YamlNode::Kind::kMap});
      return;
    }
    if (static_cast<int>(open_.size()) < limits_.max_depth) {
      node = Add(mark);
    } else {
      if (!too_deep_) {
        Refuse(mark, absl::StrCat("lists and mappings may be ",
                                  limits_.max_depth, " deep"));
      }
      too_deep_ = true;
      if (!open_.empty()) open_.back().has_key = false;
    }
    if (node != nullptr) node->kind_ = kind;
    open_.push_back({.node = node, .map = kind == YamlNode::Kind::kMap});
  }

  const YamlLimits& limits_;
  YamlDocument& document_;
  std::vector<Level> open_;
  int documents_ = 0;
  bool too_deep_ = false;
};

YamlDocument ReadYamlTree(absl::string_view text, const YamlLimits& limits) {
  YamlDocument document;
  YamlBuilder builder(limits, document);
  if (text.size() > limits.max_bytes) {
    builder.Report(
        0, "",
        absl::StrCat("must have at most ", limits.max_bytes >> 10, " KiB"));
    return document;
  }
  if (const size_t good = ValidUtf8Prefix(text); good < text.size()) {
    const auto line = std::count(text.begin(), text.begin() + good, '\n') + 1;
    builder.Report(static_cast<int>(line), "", "is not valid UTF-8");
    return document;
  }
  std::istringstream stream{std::string(text)};
  try {
    YAML::Parser parser(stream);
    while (!builder.has_two() && parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& e) {
    builder.Report(LineOf(e.mark), "", absl::StrCat("no valid YAML: ", e.msg));
    document.root = nullptr;
  }
  return document;
}

}  // namespace enrich::rest

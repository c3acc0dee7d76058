// Which values of a plan have the images along axis 0, and which steps compute image by image.
#pragma once

#include <vector>

#include "plan/cost.h"
#include "plan/plan.h"

namespace convcore {

class ByImage {
 public:
  // The plan's steps are chosen; it must have an input with a batch axis.
  explicit ByImage(const Plan& plan);

  std::int64_t images() const { return images_; }
  bool step(std::size_t s) const { return steps_[s]; }
  // Whether input i of a node is read image by image; the others are parameters.
  bool input(const Node& node, std::size_t i) const;
  Types in_types(const Node& node, std::int64_t images) const;
  Types out_types(const Node& node, std::int64_t images) const;
  Work work(const Step& step) const;  // over all images

 private:
  const Type& type(Value value) const { return plan_.graph.type(value); }
  bool counts_images(Value value) const { return type(value).shape.rank() > 0 && type(value).shape[0] == images_; }
  void mark();
  bool computes_by_image(const Step& step) const;
  bool is_update(const Node& node) const;
  bool packs_once(const Step& step) const;

  const Plan& plan_;
  const std::int64_t images_;
  std::vector<bool> carries_;  // per value: axis 0 counts images
  std::vector<bool> growing_;  // per value: made image by image, so not complete before the last one
  std::vector<bool> steps_;
};

}  // namespace convcore

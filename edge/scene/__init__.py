"""One shop's understanding: heads of all cameras in, people, their flow and their acts out.  Pure."""

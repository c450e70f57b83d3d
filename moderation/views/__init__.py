"""The pages of moderation that anybody may open."""

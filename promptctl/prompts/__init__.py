"""What a prompt is: text in, values out. Nothing here touches the world."""
